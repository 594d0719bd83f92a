package sts

import (
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

// tagSession gives a session the tags of its request and, from the session that asks
// for it, those that are passed on.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func tagSession(s, from *directory.Session, add []shape.Tag, transitive []string) error {
	if err := checkSessionTags(add); err != nil {
		return err
	}
	for _, key := range transitive {
		if !slices.ContainsFunc(add, func(t shape.Tag) bool { return strings.EqualFold(t.Key, key) }) {
			return validationError("The specified transitive tag key must be included in the requested tags.")
		}
	}
	if from != nil {
		if err := inheritTags(s, from, add); err != nil {
			return err
		}
	}
	for _, t := range add {
		s.Tags = append(s.Tags, directory.Tag{Key: t.Key, Value: t.Value})
	}
	s.Transitive = append(s.Transitive, transitive...)
	return nil
}

func checkSessionTags(tags []shape.Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		key := strings.ToLower(t.Key)
		if strings.HasPrefix(key, "aws:") {
			return invalidParameter("Tag keys that begin with aws: are reserved for system use.")
		}
		if seen[key] {
			return invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key] = true
	}
	return nil
}

func inheritTags(s, from *directory.Session, add []shape.Tag) error {
	for _, key := range from.Transitive {
		if slices.ContainsFunc(add, func(t shape.Tag) bool { return strings.EqualFold(t.Key, key) }) {
			return invalidParameter("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		for _, t := range from.Tags {
			if strings.EqualFold(t.Key, key) {
				s.Tags, s.Transitive = append(s.Tags, t), append(s.Transitive, key)
			}
		}
	}
	return nil
}

// requestTags are tags as conditions see them.
func requestTags(tags []shape.Tag) []directory.Tag {
	list := make([]directory.Tag, len(tags))
	for i, t := range tags {
		list[i] = directory.Tag{Key: t.Key, Value: t.Value}
	}
	return list
}
