"""The plans of the scripted experts: for each task the steps that `WaypointPolicy` goes through."""
