"""Other packages on the same file as `dedup scan`, from JSON lines to clusters, scored by the same planted truth."""
