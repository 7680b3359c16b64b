"""The sentences, one table a room; `edge_server.language` joins them."""
