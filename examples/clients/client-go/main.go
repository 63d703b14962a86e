// create → watch → patch → apply → delete with client-go: its typed clients, which speak protobuf, its dynamic ones, which speak JSON, and its informers.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const namespace = "default"

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	check(err)
	typedClient, err := kubernetes.NewForConfig(config)
	check(err)
	dynamicClient, err := dynamic.NewForConfig(config)
	check(err)
	heard := listen(ctx, typedClient)
	typed(ctx, typedClient)
	untyped(ctx, dynamicClient)
	for _, want := range []string{
		"add story-typed", "update story-typed", "update story-typed", "delete story-typed",
		"add story-dynamic", "update story-dynamic", "update story-dynamic", "delete story-dynamic",
	} {
		select {
		case got := <-heard:
			expect(got, want)
		case <-ctx.Done():
			log.Fatalf("the informer did not hear of %q", want)
		}
	}
	fmt.Println("informer: heard of all of it")
	fmt.Println("client-go: done")
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func expect[T comparable](got, want T) {
	if got != want {
		log.Fatalf("expected %v, not %v", want, got)
	}
}

// event is the next of a watch, which must be of this type.
func event(w watch.Interface, want watch.EventType) watch.Event {
	next, open := <-w.ResultChan()
	if !open {
		log.Fatalf("the watch ended before %s", want)
	}
	expect(next.Type, want)
	return next
}

func typed(ctx context.Context, client kubernetes.Interface) {
	const name = "story-typed"
	maps := client.CoreV1().ConfigMaps(namespace)
	list, err := maps.List(ctx, metav1.ListOptions{})
	check(err)
	w, err := maps.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, FieldSelector: "metadata.name=" + name})
	check(err)
	defer w.Stop()
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"a": "1"}}, metav1.CreateOptions{})
	check(err)
	event(w, watch.Added)
	_, err = maps.Patch(ctx, name, types.StrategicMergePatchType, []byte(`{"data":{"a":"2"}}`), metav1.PatchOptions{})
	check(err)
	expect(event(w, watch.Modified).Object.(*corev1.ConfigMap).Data["a"], "2")
	_, err = maps.Apply(ctx, coreapply.ConfigMap(name, namespace).WithData(map[string]string{"b": "3"}), metav1.ApplyOptions{FieldManager: "story"})
	check(err)
	applied := event(w, watch.Modified).Object.(*corev1.ConfigMap)
	expect(applied.Data["a"]+applied.Data["b"], "23")
	check(maps.Delete(ctx, name, metav1.DeleteOptions{}))
	event(w, watch.Deleted)
	fmt.Println("typed (protobuf): create, watch, patch, apply, delete")
}

func untyped(ctx context.Context, client dynamic.Interface) {
	const name = "story-dynamic"
	maps := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace(namespace)
	object := func(key, value string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "data": map[string]any{key: value},
		}}
	}
	list, err := maps.List(ctx, metav1.ListOptions{})
	check(err)
	w, err := maps.Watch(ctx, metav1.ListOptions{ResourceVersion: list.GetResourceVersion(), FieldSelector: "metadata.name=" + name})
	check(err)
	defer w.Stop()
	_, err = maps.Create(ctx, object("a", "1"), metav1.CreateOptions{})
	check(err)
	event(w, watch.Added)
	_, err = maps.Patch(ctx, name, types.MergePatchType, []byte(`{"data":{"a":"2"}}`), metav1.PatchOptions{})
	check(err)
	event(w, watch.Modified)
	_, err = maps.Apply(ctx, name, object("b", "3"), metav1.ApplyOptions{FieldManager: "story"})
	check(err)
	data, _, err := unstructured.NestedStringMap(event(w, watch.Modified).Object.(*unstructured.Unstructured).Object, "data")
	check(err)
	expect(data["a"]+data["b"], "23")
	check(maps.Delete(ctx, name, metav1.DeleteOptions{}))
	event(w, watch.Deleted)
	fmt.Println("dynamic (JSON): create, watch, patch, apply, delete")
}

// listen tells what an informer hears of the story's objects.
func listen(ctx context.Context, client kubernetes.Interface) <-chan string {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	informer := factory.Core().V1().ConfigMaps().Informer()
	heard := make(chan string, 100)
	say := func(what string, object any) {
		if name := object.(*corev1.ConfigMap).Name; name == "story-typed" || name == "story-dynamic" {
			heard <- what + " " + name
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { say("add", object) },
		UpdateFunc: func(_, object any) { say("update", object) },
		DeleteFunc: func(object any) { say("delete", object) },
	})
	check(err)
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		log.Fatal("the informer did not sync")
	}
	return heard
}
