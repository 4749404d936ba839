"""What the RHI scripts of Fiji share: Jython 2.7, on ImageJ's own classes. Research use only."""
