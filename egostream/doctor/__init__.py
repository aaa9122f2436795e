"""Is this machine fit for a session? One finding a check, each with the way out where something is wrong."""
