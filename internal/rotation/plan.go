package rotation

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
)

// mostSpread is how far into a window a rotation begins at the latest.
const mostSpread = time.Hour

// Plan sets when the next rotation of s is, behind one that ends now. A rotation begins
// early in its window, and each secret's at a moment of its own, so that those of one
// schedule are not all at once.
func Plan(s *directory.Secret, now time.Time) {
	plan(s, func(rules *Schedule) Window { return rules.Next(now) })
}

// Begin sets when the first rotation of s is by rules that hold from now on.
func Begin(s *directory.Secret, now time.Time) {
	plan(s, func(rules *Schedule) Window { return rules.First(now) })
}

func plan(s *directory.Secret, window func(*Schedule) Window) {
	r := s.Rotation
	r.Next, r.Until = 0, 0
	rules, err := Parse(r.Days, r.Schedule, r.Duration)
	if err != nil || rules == nil || !r.Enabled || !Runs(s) { // what is stored was parsed before
		return
	}
	w := window(rules)
	r.Next, r.Until = directory.At(w.Open.Add(spread(s, w))), directory.At(w.Close)
}

// spread is how far into its window a secret's rotation begins: a part of its first half.
func spread(s *directory.Secret, w Window) time.Duration {
	span := min(mostSpread, w.Close.Sub(w.Open)/2)
	if span <= 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(s.ARN()))
	return time.Duration(binary.BigEndian.Uint64(sum[:]) % uint64(span)).Truncate(time.Second)
}
