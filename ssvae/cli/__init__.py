"""What every command shares: arguments, console, process start-up."""
