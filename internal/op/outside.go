package op

import (
	"context"
	"errors"
)

// Outside is what work makes, done outside the transaction: while that lasts
// nobody else writes, which is too long for the likes of hashing a password.
//
// When Run asks for the first time there is no result, and Outside returns an
// error that Run must return. The transaction ends and leaves nothing behind, work
// is done, and the call begins again in a new transaction, from the caller's
// permissions on; there, Outside returns the result. So nobody who is not allowed
// to can cause the work, and what Run read meanwhile may be another: key must be
// comparable and say all that the work depends on.
func Outside[T any](c *Call, key any, work func(context.Context) (T, error)) (T, error) {
	if done, ok := c.Work.done[key]; ok {
		return done.(T), nil
	}
	var none T
	return none, &unfinished{key, func(ctx context.Context) (any, error) { return work(ctx) }}
}

// Work holds the results of what one call has had done outside its transaction.
// The zero Work is ready.
type Work struct {
	done map[any]any
}

// mostWork is far above what any operation asks for: more is a fault in it, such
// as a key that is another each time.
const mostWork = 100

// Do does the work that err, which a transaction of the call returned, asks for,
// and reports whether the call is to begin again. Otherwise it returns the error
// that the call ends with, which is err unless the work failed.
func (w *Work) Do(ctx context.Context, err error) (again bool, _ error) {
	todo, ok := errors.AsType[*unfinished](err)
	if !ok {
		return false, err
	}
	if len(w.done) == mostWork {
		return false, errors.New("op: a call has ever more work to do")
	}
	result, err := todo.work(ctx)
	if err != nil {
		return false, err
	}
	if w.done == nil {
		w.done = map[any]any{}
	}
	w.done[todo.key] = result
	return true, nil
}

// unfinished is the error of a Run that waits for work.
type unfinished struct {
	key  any
	work func(context.Context) (any, error)
}

func (*unfinished) Error() string { return "op: there is work to do outside the transaction" }
