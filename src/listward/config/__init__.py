"""What the organisation wrote: site, lists, policy, templates; reads, checks and ships the defaults."""
