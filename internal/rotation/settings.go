package rotation

import (
	"strings"
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

// tagPrefix begins all of them: a tag of that kind which does not exist is a mistake.
const tagPrefix = "iamd:rotation-"

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

// settingsOf reads the tags of a secret, which were checked when they were given.
func settingsOf(s *directory.Secret) settings {
	out := settings{grace: defaultGrace, keep: defaultKeep}
	for _, t := range s.Tags {
		_ = out.read(t.Key, t.Value)
	}
	return out
}

// CheckTag says what is wrong with a tag that is to say something about rotations; others
// are all right. Its errors are for the caller of the API.
func CheckTag(key, value string) error { return new(settings).read(key, value) }

// read takes what a tag says, if it says something about rotations and that can be read.
func (s *settings) read(key, value string) error {
	switch key {
	case TagGrace:
		return readWait(&s.grace, key, value)
	case TagKeep:
		return readWait(&s.keep, key, value)
	case TagFree:
		if value != "true" && value != "false" {
			return Refusal("The value of the tag " + key + " must be true or false.")
		}
		s.free = value == "true"
		return nil
	}
	if strings.HasPrefix(key, tagPrefix) {
		return Refusal("The tag " + key + " says nothing. Those that say something about rotations are " + TagGrace + ", " + TagKeep + " and " + TagFree + ".")
	}
	return nil
}

func readWait(to *time.Duration, key, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > mostWait {
		return Refusal("The value of the tag " + key + " must be a duration such as 36h or 90m, of 8784h at most.")
	}
	*to = d
	return nil
}
