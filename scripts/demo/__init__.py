"""The made-up university: its facts, how its channels behave, the files that they are kept in."""
