package rotation

import (
	"regexp"
	"strconv"
	"time"
)

// Schedule says when a secret is rotated, in UTC.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
type Schedule struct {
	days   int64         // between two rotations; else
	hours  int64         // between two rotations; else
	cron   *cron         // the moments at which windows open
	length time.Duration // of a window; zero is until the day ends
}

// Window is when a rotation may begin: from Open on, and for the last time at Close, a
// second before somebody else's hour.
type Window struct{ Open, Close time.Time }

// The bounds of schedules.
const (
	leastHours = 4
	mostDays   = 999
	dayHours   = 24
)

var (
	rateForm     = regexp.MustCompile(`^rate\(([1-9][0-9]{0,4}) (hour|hours|day|days)\)$`)
	cronForm     = regexp.MustCompile(`^cron\(([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+)\)$`)
	durationForm = regexp.MustCompile(`^([1-9][0-9]?)h$`)
)

// Refusal is what is wrong with rotation rules, as their caller is told.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// What can be wrong.
const (
	errTwo        = Refusal("You cannot specify both rotation frequency and schedule expression together.")
	errExpression = Refusal("Invalid ScheduleExpression.")
	errTooOften   = Refusal("Invalid ScheduleExpression. A secret can be rotated every four hours at most.")
	errTooRarely  = Refusal("Invalid ScheduleExpression. A secret must be rotated every 999 days at least.")
	errNever      = Refusal("Invalid ScheduleExpression. It stands for no moment.")
	errDuration   = Refusal("Invalid Duration. It must be a number of hours, such as 3h.")
	errIntoNext   = Refusal("Invalid Duration. The rotation window must not extend into the next rotation window.")
	errIntoDay    = Refusal("Invalid Duration. The rotation window must not extend into the next UTC day.")
)

// Parse reads rotation rules: a number of days, or an expression. It returns nil for
// neither. Its errors are for the caller of the API.
func Parse(days int64, expression, duration string) (*Schedule, error) {
	s := &Schedule{days: days}
	if duration != "" {
		m := durationForm.FindStringSubmatch(duration)
		if m == nil {
			return nil, errDuration
		}
		hours, _ := strconv.Atoi(m[1])
		s.length = time.Duration(hours) * time.Hour
	}
	switch {
	case days != 0 && expression != "":
		return nil, errTwo
	case expression != "":
		if err := s.parse(expression); err != nil {
			return nil, err
		}
	case days == 0:
		return nil, nil
	}
	return s, s.checkLength()
}

func (s *Schedule) parse(expression string) (err error) {
	if m := cronForm.FindStringSubmatch(expression); m != nil {
		s.cron, err = parseCron(m[1:])
		return err
	}
	m := rateForm.FindStringSubmatch(expression)
	if m == nil {
		return errExpression
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	if m[2] == "day" || m[2] == "days" {
		s.days = n
	} else {
		s.hours = n
	}
	switch {
	case s.hours != 0 && n < leastHours:
		return errTooOften
	case s.days*dayHours+s.hours > mostDays*dayHours:
		return errTooRarely
	}
	return nil
}

// checkLength makes sure that windows end before the next one, or the day; one that has
// no length of its own gets one, if it is of a schedule in hours.
func (s *Schedule) checkLength() error {
	hourly := s.hours != 0 || s.cron != nil && s.cron.hourly()
	if s.length == 0 {
		if hourly {
			s.length = time.Hour
		}
		return nil
	}
	length, last := int64(s.length/time.Hour), int64(0)
	if s.cron != nil {
		last = int64(s.cron.lastHour())
	}
	switch {
	case s.hours != 0 && length > s.hours, hourly && s.hours == 0 && length > int64(s.cron.gap()):
		return errIntoNext
	case !hourly && last+length > dayHours:
		return errIntoDay
	}
	return nil
}

// Next is the window behind a rotation that began at last.
func (s *Schedule) Next(last time.Time) Window {
	last = last.UTC()
	switch {
	case s.cron != nil:
		return s.window(s.cron.next(last))
	case s.hours != 0:
		return s.window(last.Truncate(time.Hour).Add(time.Duration(s.hours) * time.Hour))
	}
	return s.window(midnight(last).AddDate(0, 0, int(s.days)))
}

// First is the window that a schedule begins with when no rotation has: a rate in hours
// counts from midnight.
func (s *Schedule) First(now time.Time) Window {
	if s.hours == 0 {
		return s.Next(now)
	}
	w := s.Next(midnight(now.UTC()))
	for !w.Open.After(now) {
		w = s.Next(w.Open)
	}
	return w
}

func (s *Schedule) window(open time.Time) Window {
	end := midnight(open).AddDate(0, 0, 1)
	if s.length != 0 {
		end = open.Add(s.length)
	}
	return Window{open, end.Add(-time.Second)}
}

func midnight(t time.Time) time.Time { return t.Truncate(dayHours * time.Hour) }
