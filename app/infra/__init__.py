"""What stands between the domains and the machine: database, pages, jobs, files, the audit trail."""
