"""What should hold: policies in CEL, judged over facts; pure, without store, clock or network."""
