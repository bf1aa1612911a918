// Judging pairs, where a server on this machine takes the judgments.
