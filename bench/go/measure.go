package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const lists = 5

var patch = []byte(`{"metadata":{"labels":{"patched":"yes"}}}`)

func podOf(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "bench"}},
		// nobody schedules it: what is measured is the API server
		Spec: corev1.PodSpec{SchedulerName: "nobody", Containers: []corev1.Container{{Name: "web", Image: "nginx:1.27", Ports: []corev1.ContainerPort{{ContainerPort: 80}}}}},
	}
}

func configMapOf(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"key": "value"}}
}

// Measure makes a namespace of its own, which stays, and one after the other creates, gets, lists, patches, applies, watches and deletes.
func Measure(ctx context.Context, client kubernetes.Interface, config *rest.Config, size Size) (map[string]Figure, error) {
	ns := fmt.Sprintf("bench-%d", time.Now().UnixNano())
	if _, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	// an API server alone has nobody who makes it, and pods need it
	if _, err := client.CoreV1().ServiceAccounts(ns).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, err
	}
	figures := map[string]Figure{}
	pods, maps := client.CoreV1().Pods(ns), client.CoreV1().ConfigMaps(ns)
	name := func(i int) string { return fmt.Sprintf("bench-%d", i) }
	var failed error
	note := func(what string, total int, measure func() (Figure, error)) {
		if failed != nil || (len(size.Only) > 0 && !slices.Contains(size.Only, what)) {
			return
		}
		before := size.Pids.cpuMs()
		var figure Figure
		figure, failed = measure()
		figure.CPUMs = (size.Pids.cpuMs() - before) / float64(total)
		figures[what] = figure
	}
	rate := func(what string, total int, one func(ctx context.Context, i int) error) {
		note(what, total, func() (Figure, error) { return load(ctx, size.Workers, total, one) })
	}
	rate("create", size.Pods, func(ctx context.Context, i int) error {
		_, err := pods.Create(ctx, podOf(name(i)), metav1.CreateOptions{})
		return err
	})
	rate("get", size.Pods*2, func(ctx context.Context, i int) error {
		_, err := pods.Get(ctx, name(i%size.Pods), metav1.GetOptions{})
		return err
	})
	note("list", lists, func() (Figure, error) { return listed(ctx, client, ns, size.Pods) })
	note("read", lists, func() (Figure, error) { return read(ctx, client, ns) })
	rate("patch", size.Pods, func(ctx context.Context, i int) error {
		_, err := pods.Patch(ctx, name(i), types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		return err
	})
	rate("apply", size.Pods, func(ctx context.Context, i int) error {
		applied := coreapply.ConfigMap(fmt.Sprintf("applied-%d", i), ns).WithData(map[string]string{"key": "value"})
		_, err := maps.Apply(ctx, applied, metav1.ApplyOptions{FieldManager: "bench", Force: true})
		return err
	})
	if size.Keep {
		return figures, failed
	}
	rate("delete", size.Pods, func(ctx context.Context, i int) error {
		return pods.Delete(ctx, name(i), metav1.DeleteOptions{})
	})
	note("watch", size.Watchers*size.Writes, func() (Figure, error) { return watched(ctx, config, client, ns, size) })
	// the namespace stays: where somebody empties it, that would be measured with what comes next
	return figures, failed
}

// listed is the median time of a list of all pods of the namespace, decoded.
func listed(ctx context.Context, client kubernetes.Interface, ns string, expected int) (Figure, error) {
	var times []time.Duration
	for range lists {
		from := time.Now()
		list, err := client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			return Figure{}, err
		}
		if len(list.Items) != expected {
			return Figure{}, fmt.Errorf("the list has %d pods, not %d", len(list.Items), expected)
		}
		times = append(times, time.Since(from))
	}
	return median(times), nil
}

// read is the median time of the same list as bytes: what decoding takes is the client's.
func read(ctx context.Context, client kubernetes.Interface, ns string) (Figure, error) {
	var times []time.Duration
	for range lists {
		from := time.Now()
		if _, err := client.CoreV1().RESTClient().Get().UseProtobufAsDefault().Namespace(ns).Resource("pods").Do(ctx).Raw(); err != nil {
			return Figure{}, err
		}
		times = append(times, time.Since(from))
	}
	return median(times), nil
}
