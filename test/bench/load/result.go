package load

import (
	"slices"
	"time"

	"github.com/iamd-project/iamd/test/bench/proc"
)

// Result is what a run measured.
type Result struct {
	Op           Op      `json:"op"`
	Clients      int     `json:"clients"`
	Ops          int     `json:"ops"`
	OpsPerSecond float64 `json:"ops_per_s"`
	P50          float64 `json:"p50_ms"`
	P99          float64 `json:"p99_ms"`
	ServerCPU    float64 `json:"server_cpu_us_per_request"`
	ServerRSS    float64 `json:"server_rss_mib"`
	ClientCPU    float64 `json:"client_cpu_us_per_request"`
	Noise        float64 `json:"noise_cores"` // CPU that neither the server nor this process used
}

func (r *run) result(wall time.Duration, use proc.Use) Result {
	var all []int64
	for _, w := range r.workers {
		all = append(all, w.latencies...)
	}
	slices.Sort(all)
	requests := float64(max(1, len(all)+int(r.extra.Load())))
	return Result{
		Op:           r.Op,
		Clients:      r.Clients,
		Ops:          len(all),
		OpsPerSecond: float64(len(all)) / wall.Seconds(),
		P50:          quantile(all, .5),
		P99:          quantile(all, .99),
		ServerCPU:    use.ProcessCPU.Seconds() * 1e6 / requests,
		ServerRSS:    float64(use.RSS) / (1 << 20),
		ClientCPU:    use.Self * wall.Seconds() * 1e6 / requests,
		Noise:        use.Noise,
	}
}

// quantile of sorted nanoseconds, in milliseconds.
func quantile(sorted []int64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]) / 1e6
}
