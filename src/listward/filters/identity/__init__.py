"""Who wrote this, and how sure are we: SPF, DKIM, DMARC, roster, origin."""
