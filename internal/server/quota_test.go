package server

import "testing"

func TestCheckQuotas(t *testing.T) {
	for _, tc := range []struct {
		quotas []string
		want   string
	}{
		{nil, ""},
		{[]string{"UsersPerAccount=2000000", "AccessKeysPerUser=1"}, ""},
		{[]string{"UsersPerAccount=1", "UsersPerAcount=1"}, "--quota UsersPerAcount=1: there is no such quota"},
		{[]string{"AccessKeysPerUser=3"}, `--quota: quota AccessKeysPerUser: "3" is no number from 0 to 2`},
		{[]string{""}, "--quota : there is no such quota"},
	} {
		c := Config{Folder: Folder{Ephemeral: true}, Quotas: tc.quotas}
		got := ""
		if err := c.Check(); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.quotas, got, tc.want)
		}
	}
}
