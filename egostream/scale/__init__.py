"""Several servers behind one address: replicas on Ray Serve, and a front that sends each session to one of them."""
