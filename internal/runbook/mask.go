package runbook

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// hidden stands where a secret was.
const hidden = "***"

// A masker knows a run's secrets, and takes them out of whatever is to be shown: as they
// are, and as JSON, base64 and URLs spell them. One of under four characters is taken out
// only where it stands alone, since it is part of much else.
type masker struct {
	whole map[string]bool
	parts []string // longest first
}

func (m *masker) add(secrets ...string) {
	if m.whole == nil {
		m.whole = map[string]bool{}
	}
	for _, s := range secrets {
		if s == "" || m.whole[s] {
			continue
		}
		m.whole[s] = true
		if len(s) < 4 {
			continue
		}
		quoted, _ := json.Marshal(s) // a string always can be
		for _, form := range []string{s, strings.Trim(string(quoted), `"`), base64.StdEncoding.EncodeToString([]byte(s)), url.QueryEscape(s)} {
			if !slices.Contains(m.parts, form) {
				m.parts = append(m.parts, form)
			}
		}
	}
	slices.SortFunc(m.parts, func(a, b string) int { return len(b) - len(a) })
}

// text is s without secrets.
func (m *masker) text(s string) string {
	if m.whole[s] {
		return hidden
	}
	for _, p := range m.parts {
		s = strings.ReplaceAll(s, p, hidden)
	}
	return s
}

// tree is a value without secrets. It shares nothing with v that could be changed.
func (m *masker) tree(v any) any {
	switch v := v.(type) {
	case string:
		return m.text(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = m.tree(v[i])
		}
		return list
	case map[string]any:
		tree := make(map[string]any, len(v))
		for key, value := range v {
			tree[m.text(key)] = m.tree(value)
		}
		return tree
	}
	return v
}
