package kind

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// document is a policy. Templates give it as an object or as text.
type document struct {
	text   string
	asText bool
}

func (d *document) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		d.asText = true
		return json.Unmarshal(b, &d.text)
	}
	d.text = string(b)
	return nil
}

func (d document) MarshalJSON() ([]byte, error) {
	if d.asText || !json.Valid([]byte(d.text)) {
		return json.Marshal(d.text)
	}
	return []byte(d.text), nil
}

// now is the document that a service shows, in the form in which the template has it: d
// itself if they say the same.
func (d document) now(text string) document {
	was, err := tree.FromJSON([]byte(d.text))
	if err != nil {
		return document{text: text}
	}
	is, err := tree.FromJSON([]byte(text))
	if err == nil && tree.Equal(was, is) {
		return d
	}
	return document{text: text, asText: d.asText}
}

// decoded is a document as IAM's replies have it, which is percent-encoded.
func decoded(encoded *string) (string, error) {
	text, err := url.PathUnescape(orNone(encoded))
	if err != nil {
		return "", fmt.Errorf("kind: a document: %w", err)
	}
	return text, nil
}
