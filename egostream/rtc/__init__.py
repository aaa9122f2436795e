"""RTP as both ends of egostream want it: what server and Python client share of aiortc's improvements."""
