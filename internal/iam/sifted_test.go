package iam

import (
	"fmt"
	"testing"
)

// A page looks at a bounded number of items, and the next goes on behind them.
func TestSiftedIsBounded(t *testing.T) {
	items := make([]int, mostSifted+500)
	for i := range items {
		items[i] = i
	}
	place := func(i int) string { return fmt.Sprintf("%06d", i) }
	last := func(i int) bool { return i == len(items)-1 }
	first, err := sifted(afterCursor(items, "", place), nil, place, last)
	if err != nil || len(first.items) != 0 || !first.more {
		t.Fatalf("first page %+v (%v)", first, err)
	}
	cursor, err := cursorOf(first.marker)
	if err != nil {
		t.Fatal(err)
	}
	second, err := sifted(afterCursor(items, cursor, place), nil, place, last)
	if err != nil || len(second.items) != 1 || second.more {
		t.Errorf("second page %+v (%v)", second, err)
	}
}
