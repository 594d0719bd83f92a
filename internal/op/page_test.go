package op_test

import (
	"fmt"
	"testing"

	"github.com/iamd-project/iamd/internal/op"
)

// A page looks at a bounded number of items, and the next goes on behind them.
func TestPageIsBounded(t *testing.T) {
	items := make([]int, 2500)
	for i := range items {
		items[i] = i
	}
	place := func(i int) string { return fmt.Sprintf("%06d", i) }
	last := func(i int) bool { return i == len(items)-1 }
	first, err := op.PageOf(op.After(items, "", place), 100, place, last)
	if err != nil || len(first.Items) != 0 || first.Next == nil {
		t.Fatalf("first page %+v (%v)", first, err)
	}
	cursor, ok := op.Cursor(first.Next)
	if !ok {
		t.Fatal("the first page's token is not read")
	}
	second, err := op.PageOf(op.After(items, cursor, place), 100, place, last)
	if err != nil || len(second.Items) != 1 || second.Next != nil {
		t.Errorf("second page %+v (%v)", second, err)
	}
	for _, bad := range []string{"", "not base64!"} {
		if _, ok := op.Cursor(&bad); ok {
			t.Errorf("token %q is read", bad)
		}
	}
}
