package rotation

import (
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
)

// The tags of a secret that say how its old keys end. Durations are Go's: "36h", "90m".
const (
	// TagGrace is how long a key stays Active once it is not the current one, and then how
	// long it must not have been used before it goes Inactive.
	TagGrace = "iamd:rotation-grace"
	// TagKeep is how long an Inactive key stays before it is deleted.
	TagKeep = "iamd:rotation-keep-inactive"
	// TagFree, if it is "true", lets a rotation delete an Inactive key of the user which
	// takes the place of a new one.
	TagFree = "iamd:rotation-free-inactive"
)

// What holds without tags, and the most that they can say.
const (
	defaultGrace = 24 * time.Hour
	defaultKeep  = 24 * time.Hour
	mostWait     = 366 * 24 * time.Hour
)

type settings struct {
	grace, keep time.Duration
	free        bool
}

// settingsOf reads the tags of a secret. What cannot be read counts as not said.
func settingsOf(s *directory.Secret) settings {
	out := settings{grace: defaultGrace, keep: defaultKeep}
	for _, t := range s.Tags {
		switch t.Key {
		case TagGrace:
			out.grace = waitOf(t.Value, defaultGrace)
		case TagKeep:
			out.keep = waitOf(t.Value, defaultKeep)
		case TagFree:
			out.free, _ = strconv.ParseBool(t.Value)
		}
	}
	return out
}

func waitOf(text string, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > mostWait {
		return otherwise
	}
	return d
}
