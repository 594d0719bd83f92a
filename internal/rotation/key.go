package rotation

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
)

// Key is an access key as the value of a secret has it: a JSON object such as
//
//	{"UserName": "Bob", "AccessKeyId": "AKIA…", "SecretAccessKey": "…"}
//
// or one with that under "AccessKey", as CreateAccessKey replies. Names may be in another
// case, have underscores, and begin with "aws": aws_access_key_id, secret_access_key and
// username are known, too. Other members stay as they are.
type Key struct {
	User   string // "" if the value doesn't say
	ID     ids.KeyID
	Secret ids.SecretKey

	all    map[string]json.RawMessage // the whole value
	inside string                     // the member of all that holds the key; "" for all itself
}

// ErrNoKey is of a value that holds neither a key nor whose it should be.
const ErrNoKey Refusal = `The secret's value must be a JSON object with the members UserName, AccessKeyId and SecretAccessKey.`

// The members of a value, without case and underscores.
const (
	userMember    = "username"
	idMember      = "accesskeyid"
	secretMember  = "secretaccesskey"
	statusMember  = "status"
	createdMember = "createdate"
	insideMember  = "accesskey"
)

func plain(name string) string {
	return strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(name), "_", ""), "aws")
}

// ReadKey reads the value of a secret.
func ReadKey(value []byte) (*Key, error) {
	k := &Key{}
	if json.Unmarshal(value, &k.all) != nil {
		return nil, ErrNoKey
	}
	members := k.all
	for name, raw := range k.all {
		var inner map[string]json.RawMessage
		if plain(name) == insideMember && json.Unmarshal(raw, &inner) == nil && inner != nil {
			k.inside, members = name, inner
		}
	}
	for name, raw := range members {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			continue
		}
		switch plain(name) {
		case userMember:
			k.User = text
		case idMember:
			k.ID = ids.KeyID(text)
		case secretMember:
			k.Secret = ids.SecretKey(text)
		}
	}
	if k.User == "" && k.ID == "" {
		return nil, ErrNoKey
	}
	return k, nil
}

// With is the value with another key in it, which was made at a time.
func (k *Key) With(user string, id ids.KeyID, secret ids.SecretKey, made time.Time) (string, error) {
	members := k.all
	if k.inside != "" {
		members = map[string]json.RawMessage{}
		if err := json.Unmarshal(k.all[k.inside], &members); err != nil {
			return "", err
		}
	}
	next := map[string]json.RawMessage{}
	fresh := map[string]string{
		userMember: user, idMember: string(id), secretMember: string(secret),
		statusMember: "Active", createdMember: made.UTC().Format(time.RFC3339),
	}
	there := map[string]bool{}
	for name, raw := range members {
		member := plain(name)
		if text, ok := fresh[member]; ok {
			raw = quote(text)
		}
		next[name], there[member] = raw, true
	}
	for member, name := range map[string]string{userMember: "UserName", idMember: "AccessKeyId", secretMember: "SecretAccessKey"} {
		if !there[member] {
			next[name] = quote(fresh[member])
		}
	}
	whole := next
	if k.inside != "" {
		inner, err := json.Marshal(next)
		if err != nil {
			return "", err
		}
		whole = map[string]json.RawMessage{}
		for name, raw := range k.all {
			whole[name] = raw
		}
		whole[k.inside] = inner
	}
	text, err := json.Marshal(whole)
	return string(text), err
}

func quote(s string) json.RawMessage {
	text, _ := json.Marshal(s) // of a string
	return text
}
