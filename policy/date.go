package policy

import (
	"cmp"
	"math"
)

// An instant is a point in time, in any year.
type instant struct{ seconds, nanoseconds int64 }

func (a instant) compare(b instant) int {
	return cmp.Or(cmp.Compare(a.seconds, b.seconds), cmp.Compare(a.nanoseconds, b.nanoseconds))
}

// parseDate reads seconds since 1970, or one of the forms of ISO 8601 that W3C's
// note on dates has (https://www.w3.org/TR/NOTE-datetime), with what AWS takes
// beyond them: a year of fewer or more digits, a lower-case t, an hour of one
// digit, no minutes, a zone without minutes. Without a zone it is UTC. A plain
// number is seconds, not a year.
func parseDate(s string) (instant, bool) {
	d := dateReader{rest: s}
	negative := d.skip('-')
	n, digits := d.number(19)
	if negative {
		n = -n
	}
	switch {
	case digits == 0:
		return instant{}, false
	case d.rest == "":
		return instant{seconds: n}, true
	case digits > 9:
		return instant{}, false
	}
	month, day := d.monthAndDay()
	seconds, nanoseconds := d.timeOfDay()
	if d.bad || d.rest != "" {
		return instant{}, false
	}
	return instant{daysFromCivil(n, month, day)*86400 + seconds, nanoseconds}, true
}

// A dateReader takes a date apart from left to right. Once it is bad it stays so.
type dateReader struct {
	rest string
	bad  bool
}

func (d *dateReader) skip(c byte) bool {
	if d.rest == "" || d.rest[0] != c {
		return false
	}
	d.rest = d.rest[1:]
	return true
}

// number reads up to max digits and says how many there were.
func (d *dateReader) number(max int) (n int64, digits int) {
	for d.rest != "" && digits < max && '0' <= d.rest[0] && d.rest[0] <= '9' {
		digit := int64(d.rest[0] - '0')
		if n > (math.MaxInt64-digit)/10 {
			d.bad = true
			return 0, 0
		}
		n = n*10 + digit
		d.rest = d.rest[1:]
		digits++
	}
	return n, digits
}

// field reads one or two digits of a value within limits.
func (d *dateReader) field(low, high int64) int64 {
	n, digits := d.number(2)
	if digits == 0 || n < low || n > high {
		d.bad = true
	}
	return n
}

func (d *dateReader) monthAndDay() (month, day int64) {
	month, day = 1, 1
	if d.skip('-') {
		month = d.field(1, 12)
		if d.skip('-') {
			day = d.field(1, 31)
		}
	}
	return month, day
}

// timeOfDay reads what follows a T, as seconds in UTC.
func (d *dateReader) timeOfDay() (seconds, nanoseconds int64) {
	if !d.skip('T') && !d.skip('t') || d.rest == "" {
		return 0, 0
	}
	seconds = d.field(0, 24) * 3600
	if d.skip(':') {
		seconds += d.field(0, 59) * 60
		if d.skip(':') {
			seconds += d.field(0, 60)
			nanoseconds = d.fraction()
		}
	}
	return seconds - d.zone(), nanoseconds
}

func (d *dateReader) fraction() int64 {
	if !d.skip('.') {
		return 0
	}
	n, digits := d.number(9)
	if digits == 0 {
		d.bad = true
	}
	for ; digits < 9; digits++ {
		n *= 10
	}
	return n
}

// zone reads Z or ±hh:mm as seconds east of UTC.
func (d *dateReader) zone() int64 {
	sign := int64(1)
	switch {
	case d.rest == "" || d.skip('Z') || d.skip('z'):
		return 0
	case d.skip('-'):
		sign = -1
	case !d.skip('+'):
		d.bad = true
	}
	hours, digits := d.number(2)
	if digits != 2 || hours > 23 {
		d.bad = true
	}
	minutes := int64(0)
	if d.skip(':') || d.rest != "" {
		minutes, digits = d.number(2)
		if digits != 2 || minutes > 59 {
			d.bad = true
		}
	}
	return sign * (hours*3600 + minutes*60)
}

// daysFromCivil counts the days from 1970-01-01 in the Gregorian calendar, in
// years that begin in March so that leap days come last.
func daysFromCivil(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}
