//! Azure Pipelines, GitLab CI and Kubernetes: the files parsed, their commands run against a played server.

use serde_json::Value;

use super::{Place, document, documents, hurried, parses, said, sound, string};

#[tokio::test]
async fn azure_pipelines() {
    let pipeline = document("examples/azure-pipelines/rdp-check.yml");
    let steps = pipeline["steps"].as_array().unwrap();
    for script in steps.iter().filter_map(|step| step["bash"].as_str()) {
        parses("bash", script);
        assert!(!script.contains("${{"), "{script}");
    }
    let check = steps.iter().find(|step| step["displayName"] == "Check Remote Desktop").unwrap();
    let place = Place::new();
    let environment = [("RDPROBE_TARGET", sound().await), ("AGENT_TEMPDIRECTORY", "/nowhere".to_owned())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let output = place.run_beside("bash", &hurried(&string(&check["bash"])), &environment).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("##vso[task.complete result=Succeeded"), "{}", said(&output));
    let published = steps.iter().find(|step| step["task"] == "PublishTestResults@2").unwrap();
    assert!(place.read(&string(&published["inputs"]["testResultsFiles"])).contains("<testsuite"));
}

#[tokio::test]
async fn gitlab() {
    let pipeline = document("examples/gitlab/rdp-check.yml");
    let job = &pipeline["rdp-check"];
    let lines = |name: &str| -> Vec<String> { job[name].as_array().unwrap().iter().map(string).collect() };
    let place = Place::new();
    let script = [lines("before_script"), lines("script")].concat().join("\n");
    parses("sh", &script);
    let environment = [("RDPROBE_TARGET", sound().await), ("RDPROBE_WAIT", "20s".to_owned())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let output = place.run_beside("sh", &hurried(&format!("set -e\n{script}")), &environment).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let artifacts = &job["artifacts"];
    place.read(&string(&artifacts["paths"][0]));
    assert!(place.read(&string(&artifacts["reports"]["junit"])).contains("<testsuite"));
}

/// The command line of the one container of a pod, with `$(NAME)` replaced as the kubelet does.
fn command_line(pod: &Value) -> Vec<String> {
    let container = &pod["containers"][0];
    let mut words: Vec<String> = ["command", "args"]
        .iter()
        .flat_map(|part| container[part].as_array().unwrap().iter().map(string))
        .collect();
    for variable in container["env"].as_array().into_iter().flatten() {
        let reference = format!("$({})", string(&variable["name"]));
        for word in &mut words {
            *word = word.replace(&reference, &string(&variable["value"]));
        }
    }
    words
}

fn quoted(words: &[String]) -> String {
    assert!(words.iter().all(|word| !word.contains('\'')), "{words:?}");
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_kubernetes_job() {
    let job = document("examples/kubernetes/job.yaml");
    assert_eq!((string(&job["apiVersion"]), string(&job["kind"])), ("batch/v1".to_owned(), "Job".to_owned()));
    let words = command_line(&job["spec"]["template"]["spec"]);
    assert!(words.contains(&"myvm.example.net".to_owned()), "{words:?}");
    let script = quoted(&words).replace("myvm.example.net", &sound().await);
    let output = Place::new().run_beside("sh", &hurried(&script), &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[tokio::test]
async fn a_kubernetes_cron_job_with_its_policy() {
    let documents = documents("examples/kubernetes/cronjob.yaml");
    let [settings, job] = documents.as_slice() else { panic!("{documents:?}") };
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(pod["volumes"][0]["configMap"]["name"], settings["metadata"]["name"]);
    let place = Place::new();
    std::fs::write(place.path("policy.toml"), string(&settings["data"]["policy.toml"])).unwrap();
    let mounted = string(&pod["containers"][0]["volumeMounts"][0]["mountPath"]);
    let words = command_line(pod);
    let script = quoted(&words).replace(&mounted, place.folder.path().to_str().unwrap());
    assert_ne!(script, quoted(&words));
    let script = script.replace("myvm.example.net", &sound().await).replace("10.0.0.4:3390", &sound().await);
    let output = place.run_beside("sh", &script, &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);
}
