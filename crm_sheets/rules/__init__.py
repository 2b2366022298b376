"""What ought to be. One rule, one module, one signature; rules know nothing of each other. Pure."""
