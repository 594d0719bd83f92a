package sigv4

import (
	"net/http"
	"time"
)

const (
	isoBasic = "20060102T150405Z"
	isoDay   = "20060102"
)

// parseISO reads "20150830T123600Z", the only form X-Amz-Date may have, and is as
// exact about ranges as time.Parse, in less time.
func parseISO(s string) (time.Time, bool) {
	if len(s) != len(isoBasic) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[4:6])
	day, ok3 := digits(s[6:8])
	hour, ok4 := digits(s[9:11])
	minute, ok5 := digits(s[11:13])
	second, ok6 := digits(s[13:15])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || hour > 23 || minute > 59 || second > 59 ||
		month < 1 || month > 12 || day < 1 || day > daysIn(month, year) {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), true
}

func daysIn(month, year int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// parseDate reads a Date header: an HTTP date, or the form of X-Amz-Date.
func parseDate(s string) (time.Time, bool) {
	if t, ok := parseISO(s); ok {
		return t, true
	}
	t, err := http.ParseTime(s)
	return t.UTC(), err == nil
}
