"""What every process needs: supervisor, ids, clock, metrics, mail log, readiness. Imports nothing of ours."""
