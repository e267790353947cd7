"""Business days and cut-offs of company, warehouse, carrier and bank."""

from ecsync.calendars.business_days import Calendar, calendar_of
from ecsync.calendars.cut_off import is_before_cut_off, ship_day

__all__ = ["Calendar", "calendar_of", "is_before_cut_off", "ship_day"]
