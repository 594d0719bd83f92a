package awspolicies

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAll(t *testing.T) {
	all := All()
	if len(all) != 1485 {
		t.Errorf("%d policies", len(all))
	}
	for i, p := range all {
		if i > 0 && strings.ToLower(all[i-1].Name) >= strings.ToLower(p.Name) {
			t.Errorf("%s comes before %s", all[i-1].Name, p.Name)
		}
		if p.Path == "" || p.Version < 1 || p.Created.IsZero() || p.Updated.IsZero() || !json.Valid([]byte(p.Document())) {
			t.Errorf("policy %+v", p)
		}
	}
}

func TestDocument(t *testing.T) {
	for _, p := range All() {
		if p.Name == "AdministratorAccess" {
			const want = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
			if p.Document() != want {
				t.Errorf("%s", p.Document())
			}
		}
	}
}
