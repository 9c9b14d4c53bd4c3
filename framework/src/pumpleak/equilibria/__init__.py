"""Problems of rest, and the states that solve them."""
