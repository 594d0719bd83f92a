package directory

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

// parameterFor stores a parameter with two versions, one of them sealed, and a label.
func parameterFor(f *filled, tx store.Tx) *Parameter {
	p := &Parameter{ID: "id-1", Account: f.ann.Account, Region: "us-east-1", Name: "/a/b", First: 1, Last: 2, Tier: StandardTier}
	must(f.t, PutParameter(tx, nil, p))
	secret := &ParameterVersion{Number: 1, Region: p.Region, Name: p.Name}
	must(f.t, p.Seal(f.ring, secret, "secret"))
	must(f.t, p.PutVersion(tx, secret))
	must(f.t, p.PutVersion(tx, &ParameterVersion{Number: 2, Region: p.Region, Name: p.Name}))
	must(f.t, p.PutLabels(tx, &ParameterLabels{Region: p.Region, Name: p.Name, List: []ParameterLabel{{"live", 1}}}))
	return p
}

func TestCheckFindsInParameters(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(f *filled, tx store.Tx, p *Parameter) error
		want   string
	}{
		"nothing": {func(*filled, store.Tx, *Parameter) error { return nil }, ""},
		"deleted": {func(_ *filled, tx store.Tx, p *Parameter) error { return DeleteParameter(tx, p) }, ""},
		"half swept": {func(_ *filled, tx store.Tx, p *Parameter) error {
			must(t, DeleteParameter(tx, p))
			return SweepParameters(tx, p.Account, 2)
		}, ""},
		"version missing": {func(_ *filled, tx store.Tx, p *Parameter) error { return p.DeleteVersion(tx, 1) }, "/00000000000000000001 does not exist"},
		"version of nobody": {func(_ *filled, tx store.Tx, p *Parameter) error {
			return tx.Delete(parameterKey(p.Account, p.Region, p.Name))
		}, "no parameter has it"},
		"labels of nobody": {func(_ *filled, tx store.Tx, p *Parameter) error {
			return tx.Delete(parameterKey(p.Account, p.Region, p.Name))
		}, "parameterlabels/123456789012/id-1: its parameter does not exist"},
		"not counted": {func(_ *filled, tx store.Tx, p *Parameter) error {
			return tx.Delete(parameterCountKey(p.Account, p.Region))
		}, "is not counted"},
		"counted wrongly": {func(_ *filled, tx store.Tx, p *Parameter) error {
			return put(tx, parameterCountKey(p.Account, p.Region), &ParameterCount{Standard: 2})
		}, "there are {Standard:1 Advanced:0}"},
		"value of elsewhere": {func(f *filled, tx store.Tx, p *Parameter) error {
			return p.PutVersion(tx, &ParameterVersion{Number: 1, Region: p.Region, Name: p.Name, Sealed: f.key.Sealed})
		}, "its value cannot be opened"},
		"label on nothing": {func(_ *filled, tx store.Tx, p *Parameter) error {
			return p.PutLabels(tx, &ParameterLabels{Region: p.Region, Name: p.Name, List: []ParameterLabel{{"live", 3}}})
		}, "label live is on version 3"},
		"in a wrong place": {func(_ *filled, tx store.Tx, p *Parameter) error {
			return put(tx, parameterKey(p.Account, p.Region, "c"), p)
		}, "holds parameter /a/b"},
		"without account": {func(_ *filled, tx store.Tx, p *Parameter) error { return tx.Delete(accountKey(p.Account)) }, "parameter/123456789012/us-east-1/a/b: account 123456789012 does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fill(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, tx, parameterFor(f, tx)) })
			r := f.check()
			if found := strings.Join(r.Problems, "\n"); !strings.Contains(found, tc.want) || tc.want == "" && found != "" {
				t.Errorf("problems %s, want one with %q", found, tc.want)
			}
		})
	}
}
