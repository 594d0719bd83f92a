package rotation

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cron is a cron expression of Secrets Manager, in which windows open on the hour and no
// year is like another. Bit n of a set is the value n.
type cron struct {
	hours    uint32
	months   uint32
	days     uint32 // of the month
	lastDay  bool   // of the month
	weekdays uint32 // 1 is Sunday
	nth      []nthWeekday
}

// nthWeekday is a weekday's turn in a month: its last for n = 0.
type nthWeekday struct{ weekday, n int }

var (
	monthNames   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// A field is the values that one can have, and the names that stand for them.
type field struct {
	least, most int
	names       []string // of least and the next
}

var (
	hourField    = field{0, 23, nil}
	dayField     = field{1, 31, nil}
	monthField   = field{1, 12, monthNames}
	weekdayField = field{1, 7, weekdayNames}
)

// parseCron reads the six fields of an expression.
func parseCron(part []string) (*cron, error) {
	c, ok := &cron{}, part[0] == "0" && part[5] == "*"
	read := func(set *uint32, f field, s string) {
		var good bool
		*set, good = f.set(s)
		ok = ok && good
	}
	read(&c.hours, hourField, part[1])
	read(&c.months, monthField, part[3])
	// One of the two says which days, and the other that it doesn't matter.
	switch {
	case anyDay(part[4]):
		ok = ok && c.readDays(part[2])
	case anyDay(part[2]):
		ok = ok && c.readWeekdays(part[4])
	default:
		ok = false
	}
	switch {
	case !ok:
		return nil, errExpression
	case c.hourly() && c.gap() < leastHours:
		return nil, errTooOften
	case c.next(time.Unix(0, 0)).IsZero():
		return nil, errNever
	}
	return c, nil
}

func anyDay(s string) bool { return s == "?" || s == "*" }

func (c *cron) readDays(s string) (ok bool) {
	if anyDay(s) {
		c.days, ok = dayField.set("*")
		return ok
	}
	items := strings.Split(s, ",")
	rest := slices.DeleteFunc(items, func(item string) bool { return item == "L" })
	c.lastDay = len(rest) < len(items)
	if len(rest) == 0 {
		return true
	}
	c.days, ok = dayField.set(strings.Join(rest, ","))
	return ok
}

// readWeekdays reads "MON-FRI", "TUE#3", the third Tuesday of a month, "SUNL", the last
// Sunday, and "L", the last day of the week.
func (c *cron) readWeekdays(s string) bool {
	for item := range strings.SplitSeq(s, ",") {
		name, number, counted := strings.Cut(item, "#")
		name, last := strings.CutSuffix(name, "L")
		switch {
		case last && name == "" && !counted:
			c.weekdays |= 1 << weekdayField.most
		case last || counted:
			day, ok := weekdayField.value(name)
			n, good := 0, !counted
			if counted && !last {
				n, good = field{1, 5, nil}.value(number)
			}
			if !ok || !good {
				return false
			}
			c.nth = append(c.nth, nthWeekday{day, n})
		default:
			set, ok := weekdayField.set(item)
			if !ok {
				return false
			}
			c.weekdays |= set
		}
	}
	return true
}

// set reads a list of values, ranges and increments.
func (f field) set(s string) (set uint32, ok bool) {
	for item := range strings.SplitSeq(s, ",") {
		span, step, stepped := strings.Cut(item, "/")
		by := 1
		if stepped {
			if by, ok = (field{1, f.most, nil}).value(step); !ok {
				return 0, false
			}
		}
		from, to, ok := f.span(span, stepped)
		if !ok {
			return 0, false
		}
		for v := from; v <= to; v += by {
			set |= 1 << v
		}
	}
	return set, true
}

// span reads a value, a range or a wildcard; what begins increments goes on to the end.
func (f field) span(s string, stepped bool) (from, to int, ok bool) {
	if s == "*" || stepped && s == "" {
		return f.least, f.most, true
	}
	first, second, ranged := strings.Cut(s, "-")
	if from, ok = f.value(first); !ok {
		return 0, 0, false
	}
	switch {
	case ranged:
		to, ok = f.value(second)
		return from, to, ok && from <= to
	case stepped:
		return from, f.most, true
	}
	return from, from, true
}

func (f field) value(s string) (v int, ok bool) {
	if at := slices.Index(f.names, s); at >= 0 {
		return f.least + at, true
	}
	if len(s) == 0 || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	v, _ = strconv.Atoi(s)
	return v, v >= f.least && v <= f.most
}

// hourly reports whether windows open more than once a day.
func (c *cron) hourly() bool { return bits.OnesCount32(c.hours) > 1 }

func (c *cron) lastHour() int { return bits.Len32(c.hours) - 1 }

// gap is the fewest hours between two windows, when they open every day.
func (c *cron) gap() int {
	least, before := dayHours, c.lastHour()-dayHours
	for h := range dayHours {
		if c.hours&(1<<h) != 0 {
			least, before = min(least, h-before), h
		}
	}
	return least
}

// mostYears is how far apart two windows can be: leap days may leave out one leap year.
const mostYears = 8

// next is the first moment after t; zero for never.
func (c *cron) next(t time.Time) time.Time {
	t = t.UTC()
	end := t.AddDate(mostYears, 0, 1)
	for day := midnight(t); day.Before(end); day = day.AddDate(0, 0, 1) {
		if !c.has(day) {
			continue
		}
		for h := range dayHours {
			at := day.Add(time.Duration(h) * time.Hour)
			if c.hours&(1<<h) != 0 && at.After(t) {
				return at
			}
		}
	}
	return time.Time{}
}

// has reports whether windows open on a day.
func (c *cron) has(day time.Time) bool {
	if c.months&(1<<day.Month()) == 0 {
		return false
	}
	number, weekday := day.Day(), int(day.Weekday())+1
	week := day.AddDate(0, 0, 7)
	if c.days&(1<<number) != 0 || c.weekdays&(1<<weekday) != 0 || c.lastDay && day.AddDate(0, 0, 1).Day() == 1 {
		return true
	}
	return slices.ContainsFunc(c.nth, func(n nthWeekday) bool {
		if n.weekday != weekday {
			return false
		}
		return n.n == 0 && week.Month() != day.Month() || n.n == (number+6)/7
	})
}
