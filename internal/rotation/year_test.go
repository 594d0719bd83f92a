package rotation_test

import (
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/rotation"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// A year of each kind of schedule: every rotation begins in its window, there is one per
// window, and DescribeSecret tells of the next.
func TestYear(t *testing.T) {
	for _, tc := range []struct {
		name     string
		rules    shape.RotationRulesType
		want     int // rotations
		between  int64
		weekdays []time.Weekday
		hours    []int
	}{
		{"days", shape.RotationRulesType{AutomaticallyAfterDays: new(int64(30))}, 12, 30, nil, []int{0}},
		{"rate in days", shape.RotationRulesType{ScheduleExpression: new("rate(7 days)"), Duration: new("2h")}, 52, 7, nil, []int{0}},
		{"rate in hours", shape.RotationRulesType{ScheduleExpression: new("rate(36 hours)")}, 244, 1, nil, []int{0, 12}},
		{"cron", shape.RotationRulesType{ScheduleExpression: new("cron(0 8 ? * MON,THU *)"), Duration: new("3h")}, 104,
			4, []time.Weekday{1, 4}, []int{8}},
		{"months", shape.RotationRulesType{ScheduleExpression: new("cron(0 17 L * ? *)")}, 12, 31, nil, []int{17}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.bob("iamd:rotation-grace", "1h", "iamd:rotation-keep-inactive", "1h")
				_, err := r.rotate(func(in *shape.RotateSecretRequest) {
					in.RotateImmediately, in.RotationRules = new(false), &tc.rules
				})
				r.must(err)
				begun := time.Now() // the first of January 2000
				for time.Since(begun) < 366*24*time.Hour-time.Hour {
					d := r.describe()
					next := r.record().Rotation.Next.Time()
					if d.NextRotationDate == nil || d.NextRotationDate.Before(next) || !next.After(time.Now()) {
						t.Fatalf("the next rotation is at %v, by %v", next, d.NextRotationDate)
					}
					was := r.value("AWSCURRENT").ID
					elapse(time.Until(next) - time.Second)
					if got := r.value("AWSCURRENT").ID; got != was {
						t.Fatalf("rotated before %v", next)
					}
					elapse(2 * time.Second)
					if got := r.value("AWSCURRENT").ID; got == was {
						t.Fatalf("not rotated at %v: %+v", next, r.record().Rotation)
					}
				}
				if days := *r.describe().RotationRules.AutomaticallyAfterDays; days < 1 || days > max(4, tc.between) {
					t.Errorf("rotates every %d days, not %d", days, tc.between)
				}
				check(t, r.events(), tc.want, tc.weekdays, tc.hours)
			})
		})
	}
}

// check makes sure that all went well, as often as it should, and when.
func check(t *testing.T, list []event, want int, weekdays []time.Weekday, hours []int) {
	t.Helper()
	n := 0
	for _, e := range list {
		switch e.Name {
		case "RotationSucceeded":
			n++
			if !among(weekdays, e.Time.UTC().Weekday()) || !among(hours, e.Time.UTC().Hour()) {
				t.Errorf("rotated at %v", e.Time)
			}
		case "RotationStarted", "TestRotationStarted", "TestRotationSucceeded":
		default:
			t.Errorf("%s %v", e.Name, e.Details)
		}
	}
	if n < want || n > want+1 { // the year is a leap year
		t.Errorf("%d rotations in a year, not %d", n, want)
	}
}

func among[T comparable](list []T, v T) bool {
	for _, other := range list {
		if other == v {
			return true
		}
	}
	return len(list) == 0
}

// After a month without a server each secret is rotated once, and then on time.
func TestCatchUp(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		_, err := r.rotate(func(in *shape.RotateSecretRequest) {
			in.RotateImmediately, in.RotationRules = new(false), &shape.RotationRulesType{ScheduleExpression: new("rate(4 days)")}
		})
		r.must(err)
		due := r.record().Rotation.Next.Time()
		r.stop()
		elapse(30 * 24 * time.Hour)
		r.run(r, r.store)
		if got := names(r.events()); got != "TestRotationStarted TestRotationSucceeded Started Succeeded" || !due.Before(time.Now()) {
			t.Errorf("after the start: %s", got)
		}
		next := r.record().Rotation.Next.Time()
		if in := time.Until(next); in < 3*24*time.Hour || in > 5*24*time.Hour {
			t.Errorf("the next one is in %v", in)
		}
	})
}

// The rotations of one schedule are not all at once.
func TestSpread(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		s := r.record()
		moments := map[time.Time]bool{}
		for i := range 100 {
			other := *s
			other.Name += string(rune('a' + i))
			other.Rotation = &directory.SecretRotation{Enabled: true, Lambda: function, Schedule: "rate(1 day)"}
			rotation.Begin(&other, time.Now())
			moments[other.Rotation.Next.Time()] = true
			if wait := time.Until(other.Rotation.Next.Time()); wait < 24*time.Hour || wait > 25*time.Hour {
				t.Errorf("it begins in %v", wait)
			}
		}
		if len(moments) < 90 {
			t.Errorf("100 rotations in %d moments", len(moments))
		}
	})
}
