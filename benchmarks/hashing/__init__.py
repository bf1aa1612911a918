"""The hot loop, measured: by stage, script, length, places and scheme; beside other packages and a C reference."""
