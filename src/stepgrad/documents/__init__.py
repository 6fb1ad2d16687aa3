"""What a widget shows, as plain data: formulas, the trace document, its layout and its text table."""
