package rotation

import (
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestNext(t *testing.T) {
	for _, tc := range []struct {
		days                 int64
		expression, duration string
		last                 string
		open, close          string
	}{
		{30, "", "", "2026-11-22 10:15", "2026-12-22 00:00", "2026-12-22 23:59"},
		{1, "", "4h", "2026-11-22 10:15", "2026-11-23 00:00", "2026-11-23 03:59"},
		{0, "rate(10 days)", "", "2028-02-20 23:00", "2028-03-01 00:00", "2028-03-01 23:59"},
		{0, "rate(4 hours)", "", "2026-11-22 20:30", "2026-11-23 00:00", "2026-11-23 00:59"},
		{0, "rate(36 hours)", "12h", "2026-11-22 01:10", "2026-11-23 13:00", "2026-11-24 00:59"},
		{0, "cron(0 10 * * ? *)", "", "2026-11-22 10:00", "2026-11-23 10:00", "2026-11-23 23:59"},
		{0, "cron(0 10 * * ? *)", "14h", "2026-11-22 09:59", "2026-11-22 10:00", "2026-11-22 23:59"},
		{0, "cron(0 /4 * * ? *)", "", "2026-11-22 20:00", "2026-11-23 00:00", "2026-11-23 00:59"},
		{0, "cron(0 4/12 * * ? *)", "12h", "2026-11-22 05:00", "2026-11-22 16:00", "2026-11-23 03:59"},
		{0, "cron(0 18 ? * SAT *)", "", "2026-11-22 00:00", "2026-11-28 18:00", "2026-11-28 23:59"},
		{0, "cron(0 8 1 * ? *)", "", "2026-11-22 00:00", "2026-12-01 08:00", "2026-12-01 23:59"},
		{0, "cron(0 1 * 1/3 SUN *)", "", "2026-11-22 00:00", "2027-01-03 01:00", "2027-01-03 23:59"},
		{0, "cron(0 17 L * ? *)", "", "2028-02-22 00:00", "2028-02-29 17:00", "2028-02-29 23:59"},
		{0, "cron(0 17 15,L * ? *)", "", "2026-11-22 00:00", "2026-11-30 17:00", "2026-11-30 23:59"},
		{0, "cron(0 8 ? * MON-FRI *)", "", "2026-11-20 08:00", "2026-11-23 08:00", "2026-11-23 23:59"},
		{0, "cron(0 16 1,15 * ? *)", "2h", "2026-11-22 00:00", "2026-12-01 16:00", "2026-12-01 17:59"},
		{0, "cron(0 0 ? * SUN#1 *)", "", "2026-11-22 00:00", "2026-12-06 00:00", "2026-12-06 23:59"},
		{0, "cron(0 10 ? FEB,MAY,AUG,NOV TUE#2 *)", "", "2026-11-22 00:00", "2027-02-09 10:00", "2027-02-09 23:59"},
		{0, "cron(0 0 ? * SUNL *)", "", "2026-11-22 00:00", "2026-11-29 00:00", "2026-11-29 23:59"},
		{0, "cron(0 0 ? * L *)", "", "2026-11-22 00:00", "2026-11-28 00:00", "2026-11-28 23:59"},
		{0, "cron(0 0 ? * 2#5 *)", "", "2026-11-22 00:00", "2026-11-30 00:00", "2026-11-30 23:59"},
		{0, "cron(0 0 29 2 ? *)", "", "2096-03-01 00:00", "2104-02-29 00:00", "2104-02-29 23:59"},
		{0, "cron(0 0 1/10 * ? *)", "", "2026-11-22 00:00", "2026-12-01 00:00", "2026-12-01 23:59"},
	} {
		s, err := Parse(tc.days, tc.expression, tc.duration)
		if err != nil {
			t.Errorf("%s %s: %v", tc.expression, tc.duration, err)
			continue
		}
		w := s.Next(at(t, tc.last))
		if want := (Window{at(t, tc.open), at(t, tc.close).Add(59 * time.Second)}); w != want {
			t.Errorf("%d %s %s behind %s: %v, want %v", tc.days, tc.expression, tc.duration, tc.last, w, want)
		}
	}
}

func TestFirst(t *testing.T) {
	for expression, open := range map[string]string{
		"rate(4 hours)":       "2026-11-22 12:00",
		"rate(9 hours)":       "2026-11-22 18:00",
		"rate(100 hours)":     "2026-11-26 04:00",
		"rate(2 days)":        "2026-11-24 00:00",
		"cron(0 10 * * ? *)":  "2026-11-23 10:00",
		"cron(0 /12 * * ? *)": "2026-11-22 12:00",
	} {
		s, err := Parse(0, expression, "")
		if err != nil {
			t.Fatal(err)
		}
		if w := s.First(at(t, "2026-11-22 10:15")); w.Open != at(t, open) {
			t.Errorf("%s begins at %v, want %s", expression, w.Open, open)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct {
		days                 int64
		expression, duration string
		want                 error
	}{
		{3, "rate(1 day)", "", errTwo},
		{0, "every day", "", errExpression},
		{0, "rate(0 days)", "", errExpression},
		{0, "rate(10 minutes)", "", errExpression},
		{0, "rate(3 hours)", "", errTooOften},
		{0, "rate(1000 days)", "", errTooRarely},
		{0, "rate(23977 hours)", "", errTooRarely},
		{0, "cron(30 10 * * ? *)", "", errExpression},
		{0, "cron(0 10 * * ? 2027)", "", errExpression},
		{0, "cron(0 24 * * ? *)", "", errExpression},
		{0, "cron(0 * * * ? *)", "", errTooOften},
		{0, "cron(0 0,22 * * ? *)", "", errTooOften},
		{0, "cron(0 0 1 * MON *)", "", errExpression},
		{0, "cron(0 0 32 * ? *)", "", errExpression},
		{0, "cron(0 0 5-3 * ? *)", "", errExpression},
		{0, "cron(0 0 15W * ? *)", "", errExpression},
		{0, "cron(0 0 ? * MON#6 *)", "", errExpression},
		{0, "cron(0 0 ? * MONL#1 *)", "", errExpression},
		{0, "cron(0 0 ? ? MON *)", "", errExpression},
		{0, "cron(0 0 */0 * ? *)", "", errExpression},
		{0, "cron(0 0 31 2 ? *)", "", errNever},
		{0, "rate(1 day)", "25h", errIntoDay},
		{0, "rate(1 day)", "0h", errDuration},
		{0, "rate(1 day)", "90m", errDuration},
		{0, "rate(4 hours)", "5h", errIntoNext},
		{0, "cron(0 22 * * ? *)", "3h", errIntoDay},
		{0, "cron(0 0/8 * * ? *)", "9h", errIntoNext},
		{30, "", "25h", errIntoDay},
	} {
		if _, err := Parse(tc.days, tc.expression, tc.duration); err != tc.want {
			t.Errorf("%d %s %s: %v, want %v", tc.days, tc.expression, tc.duration, err, tc.want)
		}
	}
	if s, err := Parse(0, "", "3h"); s != nil || err != nil {
		t.Errorf("no rules: %v, %v", s, err)
	}
}

// Whatever is taken has windows that come one behind the other, are at least four hours
// apart, and do not overlap.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"rate(4 hours)", "rate(9 days)", "cron(0 4/12 * * ? *)", "cron(0 0 ? * SUN#1,L *)", "cron(0 1 * 1/3 SUN *)", "cron(0 0 L 2-5/2 ? *)"} {
		f.Add(s, "3h")
	}
	f.Fuzz(func(t *testing.T, expression, duration string) {
		s, err := Parse(0, expression, duration)
		if err != nil || s == nil {
			return
		}
		last := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
		w := s.First(last)
		for range 20 {
			next := s.Next(w.Open)
			if !w.Open.After(last) || w.Open.Minute() != 0 || !w.Close.After(w.Open) || !next.Open.After(w.Close) || next.Open.Sub(w.Open) < leastHours*time.Hour {
				t.Fatalf("%s %s: %v, then %v", expression, duration, w, next)
			}
			last, w = w.Open, next
		}
	})
}
