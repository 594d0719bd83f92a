package storetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
)

// together runs n functions at a time and waits for them.
func together(n int, fn func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

func testCounters(t *testing.T, r *rig) {
	const workers, each, keys = 8, 30, 3
	together(workers, func(int) {
		for i := range each {
			if err := r.Update(t.Context(), func(tx store.Tx) error {
				_, err := increment(tx, fmt.Sprint("n", i%keys))
				return err
			}); err != nil {
				t.Error(err)
			}
		}
	})
	r.want("n0=80 n1=80 n2=80")
	if n := r.seq(); n != workers*each {
		t.Errorf("Seq = %d, want %d", n, workers*each)
	}
}

// testHistory records when each transaction on one counter began and ended, and
// what it saw, and looks for an order that explains it. Every commit adds one, so
// the counter itself gives the order, and it equals Seq.
func testHistory(t *testing.T, r *rig) {
	type event struct {
		began, ended int64
		saw          int // the counter as read, or as written
		write        bool
	}
	const workers, each = 8, 60
	var clock atomic.Int64
	histories := make([][]event, workers)
	together(workers, func(w int) {
		rng := rand.New(rand.NewPCG(uint64(w), 7))
		for range each {
			e := event{write: rng.IntN(2) == 0, began: clock.Add(1)}
			var err error
			if e.write {
				err = r.Update(t.Context(), func(tx store.Tx) (err error) {
					if e.saw, err = increment(tx, "n"); uint64(e.saw) != tx.Seq()+1 {
						t.Errorf("Update writes %d in commit %d", e.saw, tx.Seq()+1)
					}
					return err
				})
			} else {
				err = r.View(t.Context(), func(rd store.Reader) (err error) {
					if e.saw, err = number(rd, "n"); uint64(e.saw) != rd.Seq() {
						t.Errorf("View sees %d after commit %d", e.saw, rd.Seq())
					}
					return err
				})
			}
			if err != nil {
				t.Error(err)
			}
			e.ended = clock.Add(1)
			histories[w] = append(histories[w], e)
		}
	})

	var all []event
	written := map[int]bool{}
	for _, h := range histories {
		for _, e := range h {
			all = append(all, e)
			if e.write && written[e.saw] {
				t.Errorf("two Updates wrote %d", e.saw)
			}
			written[e.saw] = written[e.saw] || e.write
		}
	}
	for _, a := range all {
		if a.saw > 0 && !written[a.saw] {
			t.Errorf("%+v: nobody wrote that", a)
		}
		for _, b := range all {
			if a.ended < b.began && (b.saw < a.saw || b.write && b.saw == a.saw) {
				t.Errorf("%+v was over when %+v began", a, b)
			}
			if a.write && !b.write && a.saw == b.saw && b.ended < a.began {
				t.Errorf("%+v shows what %+v had not begun to write", b, a)
			}
		}
	}
}

// testWriteSkew has two doctors go off duty at a time, each of whom first looks
// whether the other one is on.
func testWriteSkew(t *testing.T, r *rig) {
	for round := range 30 {
		on := fmt.Sprintf("duty/%d/", round)
		r.put(on+"0", "", on+"1", "")
		together(2, func(i int) {
			if err := r.Update(t.Context(), func(tx store.Tx) error {
				_, ok, err := tx.Get(on + strconv.Itoa(1-i))
				if err != nil || !ok {
					return err
				}
				return tx.Delete(on + strconv.Itoa(i))
			}); err != nil {
				t.Error(err)
			}
		})
		if n := r.count(on); n != 1 {
			t.Fatalf("round %d: %d are on duty, want 1", round, n)
		}
	}
}

// testPhantoms has many add to a set that may have two members, as the access
// keys of a user: an insert must be seen by a scan that it would have been in.
func testPhantoms(t *testing.T, r *rig) {
	for round := range 30 {
		set := fmt.Sprintf("set/%d/", round)
		together(6, func(i int) {
			if err := r.Update(t.Context(), func(tx store.Tx) error {
				n := 0
				for _, err := range tx.Scan(set, store.PrefixEnd(set)) {
					if err != nil {
						return err
					}
					n++
				}
				if n >= 2 {
					return nil
				}
				return tx.Put(set+strconv.Itoa(i), nil)
			}); err != nil {
				t.Error(err)
			}
		})
		if n := r.count(set); n != 2 {
			t.Fatalf("round %d: the set has %d members, want 2", round, n)
		}
	}
}

// testDeletedKey deletes a user while another adds a key to it: either the key is
// added first and deleted, too, or the user is gone.
func testDeletedKey(t *testing.T, r *rig) {
	for round := range 30 {
		user := fmt.Sprintf("user/%d", round)
		r.put(user, "")
		together(2, func(i int) {
			err := r.Update(t.Context(), func(tx store.Tx) error {
				if i == 0 {
					if _, ok, err := tx.Get(user); err != nil || !ok {
						return err
					}
					return tx.Put(user+"/key", nil)
				}
				if _, ok, err := tx.Get(user + "/key"); err != nil {
					return err
				} else if ok {
					if err := tx.Delete(user + "/key"); err != nil {
						return err
					}
				}
				return tx.Delete(user)
			})
			if err != nil {
				t.Error(err)
			}
		})
		if n := r.count(user); n != 0 {
			t.Fatalf("round %d: a key outlived its user", round)
		}
	}
}

func (r *rig) count(prefix string) (n int) {
	r.t.Helper()
	r.view(func(rd store.Reader) error {
		for _, err := range rd.Scan(prefix, store.PrefixEnd(prefix)) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n
}

// testStableReader commits while Views are open, and has each of them look again.
func testStableReader(t *testing.T, r *rig) {
	r.put("a", "0", "b", "0")
	var open sync.WaitGroup
	look := make(chan struct{})
	for i := range 5 {
		want := fmt.Sprintf("a=%d b=0", i)
		if i > 0 {
			want += fmt.Sprint(" c=", i)
		}
		ready := make(chan struct{})
		open.Go(func() {
			r.View(t.Context(), func(rd store.Reader) error {
				close(ready)
				<-look
				for range 2 {
					a, _, err := rd.Get("a")
					if err != nil || string(a) != strconv.Itoa(i) {
						t.Errorf("Get in an old View = %s, %v, want %d", a, err, i)
					}
					if _, ok, err := rd.Get("c"); err != nil || ok != (i > 0) {
						t.Errorf("Get of a newer key in View %d = %v, %v", i, ok, err)
					}
					if got, err := pairs(rd.Scan("a", "z")); err != nil || got != want {
						t.Errorf("Scan in an old View = %s, %v, want %s", got, err, want)
					}
				}
				return nil
			})
		})
		<-ready
		r.put("a", strconv.Itoa(i+1), "c", strconv.Itoa(i+1))
		r.view(func(rd store.Reader) error { // which may leave the new value in a cache
			_, _, err := rd.Get("a")
			return err
		})
	}
	close(look)
	open.Wait()
}

// testWholeCommits moves amounts between accounts: all transactions see the same
// total, by key and by scan, at any time.
func testWholeCommits(t *testing.T, r *rig) {
	const accounts, total = 8, 800
	key := func(i int) string { return fmt.Sprint("account/", i) }
	for i := range accounts {
		r.put(key(i), strconv.Itoa(total/accounts))
	}
	sum := func(rd store.Reader) error {
		byKey, byScan := 0, 0
		for i := range accounts {
			n, err := number(rd, key(i))
			if err != nil {
				return err
			}
			byKey += n
		}
		for p, err := range rd.Scan("account/", store.PrefixEnd("account/")) {
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(p.Value))
			if err != nil {
				return err
			}
			byScan += n
		}
		if byKey != total || byScan != total {
			t.Errorf("the total is %d by key and %d by scan, want %d", byKey, byScan, total)
		}
		return nil
	}
	together(8, func(w int) {
		rng := rand.New(rand.NewPCG(uint64(w), 3))
		for range 50 {
			var err error
			if w < 4 {
				err = r.View(t.Context(), sum)
			} else {
				from, to := rng.IntN(accounts), rng.IntN(accounts)
				err = r.Update(t.Context(), func(tx store.Tx) error {
					for _, move := range []struct{ account, by int }{{from, -1}, {to, 1}} {
						n, err := number(tx, key(move.account))
						if err != nil {
							return err
						}
						if err := setNumber(tx, key(move.account), n+move.by); err != nil {
							return err
						}
					}
					return sum(tx)
				})
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// testReadYourWrites has each worker look for what it wrote as soon as Update has
// returned, while all others write and keep any cache busy.
func testReadYourWrites(t *testing.T, r *rig) {
	together(8, func(w int) {
		mine := fmt.Sprint("worker/", w)
		for i := range 40 {
			if err := r.Update(t.Context(), func(tx store.Tx) error { return setNumber(tx, mine, i) }); err != nil {
				t.Error(err)
			}
			for range 3 {
				if err := r.View(t.Context(), func(rd store.Reader) error {
					if n, err := number(rd, mine); err != nil || n != i {
						t.Errorf("a View sees %d, %v after an Update that wrote %d", n, err, i)
					}
					for other := range 8 {
						if _, err := number(rd, fmt.Sprint("worker/", other)); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
