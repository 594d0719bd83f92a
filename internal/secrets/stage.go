package secrets

import (
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// The staging labels that Secrets Manager gives.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
	pending  = "AWSPENDING"
)

// cloneVersions is a copy whose labels can be moved.
func cloneVersions(list []directory.SecretVersion) []directory.SecretVersion {
	list = slices.Clone(list)
	for i := range list {
		list[i].Stages = slices.Clone(list[i].Stages)
	}
	return list
}

// moveLabel takes a label from the version of s that has it, and gives it to another,
// which is nil for none. A version that is no longer current becomes the previous one.
func moveLabel(s *directory.Secret, label string, to *directory.SecretVersion) {
	from := s.Staged(label)
	if from == to {
		return
	}
	if from != nil {
		from.Stages = slices.DeleteFunc(from.Stages, func(other string) bool { return other == label })
	}
	if to != nil {
		to.Stages = append(to.Stages, label)
	}
	if label == current && from != nil {
		moveLabel(s, previous, from)
	}
}

// checkLabels refuses more labels than a secret may have.
func checkLabels(c *op.Call, s *directory.Secret) error {
	n := 0
	for i := range s.Versions {
		n += len(s.Versions[i].Stages)
	}
	if limit := c.Quota(stagingLabelsPerSecret); n > limit {
		return limitExceeded(stagingLabelsPerSecret, limit)
	}
	return nil
}

// putVersion is addVersion, unless the request is one that was done before.
func putVersion(c *op.Call, s *directory.Secret, token string, v *value, labels []string) (*directory.SecretVersion, error) {
	if err := checkForeign(c, s.Account, s.KMSKey); err != nil {
		return nil, err
	}
	if version := s.Version(token); version != nil {
		return version, mustBeSame(c, s, version, v)
	}
	if err := addVersion(c, s, token, v, labels); err != nil {
		return nil, err
	}
	return s.Version(token), nil
}

// addVersion gives s another version, which gets these labels; the first is current in
// any case.
func addVersion(c *op.Call, s *directory.Secret, id string, v *value, labels []string) error {
	s.Versions = append(cloneVersions(s.Versions), directory.SecretVersion{
		ID: id, Created: directory.At(c.Now), KMSKey: s.KMSKey, Binary: v.binary,
	})
	added := &s.Versions[len(s.Versions)-1]
	for _, label := range labels {
		if label != current { // last, since another label goes with it
			moveLabel(s, label, added)
		}
	}
	if slices.Contains(labels, current) || s.Staged(current) == nil {
		moveLabel(s, current, added)
	}
	if err := checkLabels(c, s); err != nil {
		return err
	}
	if err := dropVersions(c, s); err != nil {
		return err
	}
	return directory.PutSecretValue(c.Tx, c.Keyring, s, id, v.data)
}

// droppedAtOnce is more than one only after the quota was lowered.
const droppedAtOnce = 10

// dropVersions removes the oldest deprecated versions while there are more than a secret
// keeps.
func dropVersions(c *op.Call, s *directory.Secret) error {
	limit := c.Quota(versionsPerSecret)
	for range droppedAtOnce {
		if len(s.Versions) <= limit {
			return nil
		}
		at := slices.IndexFunc(s.Versions, func(v directory.SecretVersion) bool { return len(v.Stages) == 0 })
		if at < 0 {
			return limitExceeded(versionsPerSecret, limit)
		}
		if err := directory.DeleteSecretValue(c.Tx, s, s.Versions[at].ID); err != nil {
			return err
		}
		s.Versions = slices.Delete(s.Versions, at, at+1)
	}
	return nil
}
