"""The robot side of Muse; drivers, teleoperation and serving will live here."""
