"""The thin shell: everything that touches files, the database, mail and the clock."""
