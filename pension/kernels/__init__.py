"""The compiled passes over one person: digest the records into cells, settle the cells under a regime, value it."""
