package stackpolicy

import (
	"encoding/json"
	"errors"
	"slices"
)

// ErrInvalid is what is wrong with a document: AWS does not say more.
var ErrInvalid = errors.New("stackpolicy: not a stack policy")

// Parse reads a document; its error is ErrInvalid.
func Parse(text string) (*Policy, error) {
	if len(text) > MaxLen {
		return nil, ErrInvalid
	}
	top, ok := members(json.RawMessage(text), "Version", "Id", "Statement")
	if !ok {
		return nil, ErrInvalid
	}
	p := &Policy{}
	for _, raw := range several(top["Statement"]) {
		s, ok := parseStatement(raw)
		if !ok {
			return nil, ErrInvalid
		}
		p.statements = append(p.statements, *s)
	}
	return p, nil
}

// members are those of an object that has no others than the known ones.
func members(raw json.RawMessage, known ...string) (map[string]json.RawMessage, bool) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil || all == nil {
		return nil, false
	}
	for name := range all {
		if !slices.Contains(known, name) {
			return nil, false
		}
	}
	return all, true
}

// several are the items of a list, or what stands for a list of one; nil for nothing.
func several(raw json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	if raw == nil || json.Unmarshal(raw, &items) == nil {
		return items
	}
	return []json.RawMessage{raw}
}

// texts are those of a list of strings, or of one string.
func texts(raw json.RawMessage) ([]string, bool) {
	var values []string
	for _, item := range several(raw) {
		var s *string
		if err := json.Unmarshal(item, &s); err != nil || s == nil || *s == "" {
			return nil, false
		}
		values = append(values, *s)
	}
	return values, len(values) > 0
}

func parseStatement(raw json.RawMessage) (*statement, bool) {
	m, ok := members(raw, "Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition")
	if !ok {
		return nil, false
	}
	s := &statement{}
	effect, ok := texts(m["Effect"])
	if !ok || len(effect) > 1 || effect[0] != "Allow" && effect[0] != "Deny" {
		return nil, false
	}
	s.denies = effect[0] == "Deny"
	if who, ok := texts(m["Principal"]); !ok || len(who) > 1 || who[0] != "*" {
		return nil, false
	}
	if s.action, ok = parseList(m, "Action"); !ok || s.action.values == nil || slices.ContainsFunc(s.action.values, noAction) {
		return nil, false
	}
	// A statement without resources is taken, and is about none.
	if s.resource, ok = parseList(m, "Resource"); !ok {
		return nil, false
	}
	s.condition, ok = parseConditions(m["Condition"])
	return s, ok
}

func noAction(a string) bool {
	return !slices.Contains([]string{everything, string(Modify), string(Replace), string(Delete)}, a)
}

// parseList reads an element, or its opposite.
func parseList(m map[string]json.RawMessage, name string) (l list, ok bool) {
	raw, opposite := m[name], m["Not"+name]
	switch {
	case raw != nil && opposite != nil:
		return l, false
	case raw == nil && opposite == nil:
		return l, true
	case raw == nil:
		raw, l.not = opposite, true
	}
	l.values, ok = texts(raw)
	return l, ok
}

func parseConditions(raw json.RawMessage) ([]condition, bool) {
	if raw == nil {
		return nil, true
	}
	operators, ok := members(raw, "StringEquals", "StringLike")
	if !ok {
		return nil, false
	}
	var all []condition
	for name, operands := range operators {
		keys, ok := members(operands, "ResourceType")
		if !ok {
			return nil, false
		}
		values, ok := texts(keys["ResourceType"])
		if !ok {
			return nil, false
		}
		all = append(all, condition{like: name == "StringLike", values: values})
	}
	return all, true
}
