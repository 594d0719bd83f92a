package iam

import (
	"strings"

	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

// contextTypes are the types of context keys: the operator that takes their values,
// and whether there may be more than one.
var contextTypes = map[string]struct {
	operator string
	list     bool
}{
	shape.ContextKeyTypeEnumString:      {"StringEquals", false},
	shape.ContextKeyTypeEnumStringList:  {"StringEquals", true},
	shape.ContextKeyTypeEnumNumeric:     {"NumericEquals", false},
	shape.ContextKeyTypeEnumNumericList: {"NumericEquals", true},
	shape.ContextKeyTypeEnumBoolean:     {"Bool", false},
	shape.ContextKeyTypeEnumBooleanList: {"Bool", true},
	shape.ContextKeyTypeEnumIp:          {"IpAddress", false},
	shape.ContextKeyTypeEnumIpList:      {"IpAddress", true},
	shape.ContextKeyTypeEnumBinary:      {"BinaryEquals", false},
	shape.ContextKeyTypeEnumBinaryList:  {"BinaryEquals", true},
	shape.ContextKeyTypeEnumDate:        {"DateEquals", false},
	shape.ContextKeyTypeEnumDateList:    {"DateEquals", true},
}

// contextOf reads the entries of a simulation. Of a key that comes twice, the last
// entry counts; a key of a list type without values is absent.
func contextOf(entries []shape.ContextEntry) (policy.Values, error) {
	values := policy.Values{}
	for i := range entries {
		e := &entries[i]
		if e.ContextKeyName == nil || e.ContextKeyType == nil {
			return nil, invalidInput("ContextEntries must have a ContextKeyName and a ContextKeyType.")
		}
		if err := checkContextEntry(e); err != nil {
			return nil, err
		}
		values[strings.ToLower(*e.ContextKeyName)] = e.ContextKeyValues
	}
	return values, nil
}

func checkContextEntry(e *shape.ContextEntry) error {
	t, ok := contextTypes[*e.ContextKeyType]
	if !ok {
		return invalidInput("Context key %s has an invalid type: %s.", *e.ContextKeyName, *e.ContextKeyType)
	}
	if !t.list && len(e.ContextKeyValues) != 1 {
		return invalidInput("Context key %s of type %s must have exactly one value.", *e.ContextKeyName, *e.ContextKeyType)
	}
	for _, v := range e.ContextKeyValues {
		if !policy.Comparable(t.operator, v) {
			return invalidInput("Context key %s has an invalid value for type %s: %s.", *e.ContextKeyName, *e.ContextKeyType, v)
		}
	}
	return nil
}
